// The loss as a tone, when asked for: one nat is one octave above the note A. The training loss
// is a soft tone, the held-out loss a reedy one. And how often the loss is said in words.
import { join, tellPart } from "./boot.mjs";
import { local } from "./keep.mjs";

const at = (id) => document.getElementById(id);
const A = 110; // hertz: the pitch of a loss of 0
const HIGHEST = 5.5; // nats: what is above sounds as high
const SWEEP = 6; // seconds that a whole curve takes
const GLIDE = 0.03; // seconds from one pitch to the next
const VOICES = { train: { type: "triangle", gain: 0.5 }, held_out: { type: "sawtooth", gain: 0.12 } };

const pitch = (loss) => A * 2 ** Math.min(Math.max(loss, 0), HIGHEST);

let sound = null; // { context, master, voices: {train, held_out} }
let state = "booting";
let playing = 0; // a timer: the curve is being played

function start() {
  if (sound) return sound.context.resume();
  const context = new AudioContext();
  const master = context.createGain();
  master.connect(context.destination);
  const voices = {};
  for (const [name, { type }] of Object.entries(VOICES)) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.type = type;
    gain.gain.value = 0;
    tone.connect(gain).connect(master);
    tone.start();
    voices[name] = { tone, gain };
  }
  sound = { context, master, voices };
  setVolume();
}

function setVolume() {
  at("hear-volume").setAttribute("aria-valuetext", `${at("hear-volume").value} of 100`);
  sound?.master.gain.setTargetAtTime((at("hear-volume").value / 100) ** 2, sound.context.currentTime, GLIDE);
}

function hush() {
  for (const { tone, gain } of Object.values(sound?.voices ?? {})) {
    const now = sound.context.currentTime;
    tone.frequency.cancelScheduledValues(now);
    gain.gain.cancelScheduledValues(now);
    gain.gain.setTargetAtTime(0, now, GLIDE);
  }
}

// ---- while it trains -------------------------------------------------------------------------------

const live = () => at("hear").getAttribute("aria-pressed") === "true";

/** The tones follow the run, and are silent when it stands. */
export function showFrame(frame) {
  const sounding = live() && !playing && frame.state === "training";
  if (sounding) {
    for (const [name, loss] of [["train", frame.loss], ["held_out", frame.held_out]]) {
      const { tone, gain } = sound.voices[name];
      const now = sound.context.currentTime;
      if (loss !== null) tone.frequency.setTargetAtTime(pitch(loss), now, GLIDE);
      gain.gain.setTargetAtTime(loss === null ? 0 : VOICES[name].gain, now, GLIDE);
    }
  } else if (state === "training" && !playing) hush();
  state = frame.state;
}

at("hear").onclick = () => {
  const on = !live();
  at("hear").setAttribute("aria-pressed", on);
  at("hear-more").hidden = !on;
  if (on) start();
  else stopCurve();
};

// ---- the whole curve -------------------------------------------------------------------------------

function stopCurve() {
  clearTimeout(playing);
  playing = 0;
  at("hear-curve").textContent = "Play the curve";
  hush();
}

at("hear-curve").onclick = () => {
  if (playing) return stopCurve();
  start();
  tellPart("share", "curve");
};

join("share", { curve });
function curve(curves) {
  const last = Math.max(...curves.train.map(([step]) => step), 1);
  hush();
  const begin = sound.context.currentTime + 0.1;
  for (const [name, points] of Object.entries(curves)) {
    const { tone, gain } = sound.voices[name];
    if (!points.length) continue;
    gain.gain.setTargetAtTime(VOICES[name].gain, begin, GLIDE);
    points.forEach(([step, loss], i) => {
      const time = begin + (SWEEP * step) / last;
      if (i) tone.frequency.exponentialRampToValueAtTime(pitch(loss), time);
      else tone.frequency.setValueAtTime(pitch(loss), time);
    });
    gain.gain.setTargetAtTime(0, begin + SWEEP, GLIDE);
  }
  at("hear-curve").textContent = "Stop";
  playing = setTimeout(stopCurve, 1000 * (SWEEP + 0.4));
}

const volume = at("hear-volume");
volume.value = local.get("volume") ?? 40;
volume.oninput = () => { local.set("volume", volume.value); setVolume(); };

// ---- in words: how often ------------------------------------------------------------------------------

const often = at("say-every");
often.value = local.get("say") ?? "5";
if (!often.value) often.value = "5";
often.onchange = () => local.set("say", often.value);

/** Milliseconds from one announcement to the next in training. */
export const sayEvery = () => (often.value === "never" ? Infinity : 1000 * often.value);

for (const end of ["restart", "dead"]) addEventListener(end, hush);
