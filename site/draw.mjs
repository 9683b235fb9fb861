// Paints what Python has packed (pysrc/fishformer/browser/painter.py): a row of numbers
// and a list of texts. One call a frame; which marks, where and why is Python's affair.

const RECT = 1, RULE = 2, LINE = 3, POLYGON = 4, CIRCLE = 5, TEXT = 6, HEAT = 7;
const BELOW = 0; // the layer of what is kept below the drawings that follow
const ALIGNS = ["left", "center", "right"];
const LEVELS = 256; // of a ramp
const HALO = 4; // CSS pixels, half of it shows
// WebKitGTK 2.50 dies of many canvases that the GPU keeps, drawn from a worker.
const IN_MEMORY = { willReadFrequently: true };

// A matrix is first written here, a pixel a cell, then drawn large without smoothing.
let cells = null, image = null, pixels = null;
const fitCells = (columns, rows) => {
  if (image && image.width === columns && image.height === rows) return;
  cells ??= new OffscreenCanvas(columns, rows).getContext("2d", IN_MEMORY);
  cells.canvas.width = columns;
  cells.canvas.height = rows;
  image = new ImageData(columns, rows);
  pixels = new Uint32Array(image.data.buffer);
};

const contexts = new WeakMap(); // Firefox gives a canvas's context once, and then throws

/** All canvases of a page: they share colours and fonts. */
export class Studio {
  constructor() {
    this.pens = [];
    this.fonts = [];
  }

  theme(colours, paper, ramps) {
    this.colours = colours.split("\n");
    this.colours.paper = this.colours[paper];
    this.ramps = new Uint32Array(ramps.slice().buffer);
    for (const pen of this.pens) pen.restore(); // those off the screen stay, for paper
    this.fonts.length = 0;
  }

  font(place, css) {
    this.fonts[place] = css;
  }

  /** The pen of a canvas. */
  pen(canvas) {
    const pen = new Pen(canvas, this);
    this.pens.push(pen);
    return pen;
  }

  reserve(count) {
    return (this.numbers = new Float32Array(count)); // Python writes into it
  }

  /** Of each drawing: its pen's place, layer, counts of numbers and texts; its numbers. */
  paint(count, strings) {
    const { numbers, pens } = this, texts = strings.split("\n");
    for (let i = 0, text = 0; i < count;) {
      const pen = pens[numbers[i]], first = i + 4, end = first + numbers[i + 2];
      const after = text + numbers[i + 3];
      const marks = [numbers.slice(first, end), texts.slice(text, after)];
      if (numbers[i + 1] === BELOW) pen.below = marks, pen.layBelow();
      else pen.above = marks, pen.paint();
      i = end;
      text = after;
    }
  }
}

export class Pen {
  constructor(canvas, studio) {
    if (!contexts.has(canvas)) contexts.set(canvas, canvas.getContext("2d", IN_MEMORY));
    this.context = contexts.get(canvas);
    this.studio = studio;
    this.below = this.above = [[], []]; // numbers and texts
    // When the graphics process has crashed the canvas is empty.
    canvas.oncontextrestored = () => this.restore();
  }

  /** Another size, which empties a canvas: what was there stays, stretched, until the next paint. */
  resize(width, height, dpr) {
    const { context } = this, { canvas } = context;
    const before = this.above[0].length && canvas.width && canvas.height ? new OffscreenCanvas(canvas.width, canvas.height) : null;
    before?.getContext("2d", IN_MEMORY).drawImage(canvas, 0, 0);
    this.dpr = dpr;
    canvas.width = Math.round(width * dpr);
    canvas.height = Math.round(height * dpr);
    if (before && canvas.width && canvas.height) context.drawImage(before, 0, 0, canvas.width, canvas.height);
  }

  restore() {
    const { width, height } = this.context.canvas;
    if (!this.above[0].length || !width || !height) return; // nothing painted, or hidden
    this.layBelow();
    this.paint();
  }

  /** What lies below is kept as an image. */
  layBelow() {
    if (!this.below[0].length) return;
    const { width, height } = this.context.canvas;
    this.kept ??= new OffscreenCanvas(1, 1).getContext("2d", IN_MEMORY);
    Object.assign(this.kept.canvas, { width, height });
    this.kept.canvas.oncontextrestored = this.context.canvas.oncontextrestored;
    this.draw(this.kept, ...this.below);
  }

  paint() {
    const { context } = this, { width, height } = context.canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    if (this.below[0].length) context.drawImage(this.kept.canvas, 0, 0);
    this.draw(context, ...this.above);
  }

  draw(context, numbers, texts) {
    const { dpr } = this, { colours, fonts } = this.studio;
    let i = 0, text = 0, font = -1, align = -1;
    const snap = (length) => Math.round(length * dpr) / dpr;
    const dash = (on, off) => context.setLineDash(on ? [on, off] : []);
    const trace = (points) => {
      context.beginPath();
      if (points) context.moveTo(numbers[i], numbers[i + 1]);
      for (const end = i + 2 * points; i < end; i += 2) {
        context.lineTo(numbers[i], numbers[i + 1]);
      }
    };
    const ink = (fill, stroke, width) => {
      if (stroke >= 0) {
        context.strokeStyle = colours[stroke];
        context.lineWidth = width;
        context.stroke();
      }
      if (fill >= 0) {
        context.fillStyle = colours[fill];
        context.fill();
      }
    };
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    while (i < numbers.length) {
      switch (numbers[i++]) {
        case RECT: {
          context.fillStyle = colours[numbers[i]];
          const x = snap(numbers[i + 1]), y = snap(numbers[i + 2]);
          const right = numbers[i + 1] + numbers[i + 3];
          const bottom = snap(numbers[i + 2] + numbers[i + 4]);
          context.fillRect(x, y, Math.max(right - x, 0), bottom - y);
          i += 5;
          break;
        }
        case RULE: {
          const thick = Math.max(1, Math.round(numbers[i + 1] * dpr)) / dpr;
          const middle = (at) => snap(at - thick / 2) + thick / 2;
          dash(numbers[i + 2], numbers[i + 3]);
          let x1 = numbers[i + 4], y1 = numbers[i + 5], x2 = numbers[i + 6], y2 = numbers[i + 7];
          if (x1 === x2) x1 = x2 = middle(x1);
          else y1 = y2 = middle(y1);
          context.beginPath();
          context.moveTo(x1, y1);
          context.lineTo(x2, y2);
          ink(-1, numbers[i], thick);
          i += 8;
          break;
        }
        case LINE: {
          const colour = numbers[i], width = numbers[i + 1], points = numbers[i + 4];
          dash(numbers[i + 2], numbers[i + 3]);
          context.lineJoin = width > 1 ? "round" : "bevel"; // bevel costs a tenth
          i += 5;
          trace(points);
          ink(-1, colour, width);
          break;
        }
        case POLYGON: {
          const fill = numbers[i], stroke = numbers[i + 1], width = numbers[i + 2];
          dash(0);
          context.lineJoin = "round";
          i += 4;
          trace(numbers[i - 1]);
          context.closePath();
          ink(fill, stroke, width);
          break;
        }
        case CIRCLE: {
          dash(0);
          context.beginPath();
          context.arc(numbers[i + 3], numbers[i + 4], numbers[i + 5], 0, 2 * Math.PI);
          ink(numbers[i], numbers[i + 1], numbers[i + 2]);
          i += 6;
          break;
        }
        case TEXT: {
          if (numbers[i + 1] !== font) context.font = fonts[(font = numbers[i + 1])];
          if (numbers[i + 2] !== align) context.textAlign = ALIGNS[(align = numbers[i + 2])];
          const angle = numbers[i + 4];
          let x = numbers[i + 5], y = numbers[i + 6];
          if (angle) {
            context.save();
            context.translate(x, y);
            context.rotate((angle * Math.PI) / 180);
            x = y = 0;
          }
          if (numbers[i + 3]) {
            dash(0);
            context.lineJoin = "round";
            context.strokeStyle = colours.paper;
            context.lineWidth = HALO;
            context.strokeText(texts[text], x, y);
          }
          context.fillStyle = colours[numbers[i]];
          context.fillText(texts[text++], x, y);
          if (angle) context.restore();
          i += 7;
          break;
        }
        case HEAT:
          i = this.heat(context, numbers, i);
          break;
        default:
          throw new Error(`draw.mjs: unknown mark ${numbers[i - 1]}`);
      }
    }
  }

  heat(context, numbers, i) {
    const { dpr } = this, { ramps } = this.studio;
    const ramp = numbers[i] * LEVELS, rows = numbers[i + 5], columns = numbers[i + 6];
    const gap = numbers[i + 7] ? Math.max(1, Math.round(dpr)) : 0;
    const edge = (from, size, parts, n) =>
      Math.ceil(dpr * (from + (size * n) / parts) - 0.5);
    const x = (n) => edge(numbers[i + 1], numbers[i + 3], columns, n);
    const y = (n) => edge(numbers[i + 2], numbers[i + 4], rows, n);
    const first = i + 8, cellCount = rows * columns;
    fitCells(columns, rows);
    for (let n = 0; n < cellCount; n++) {
      const value = Math.min(Math.max(numbers[first + n], 0), 1);
      pixels[n] = ramps[ramp + Math.round(value * (LEVELS - 1))];
    }
    cells.putImageData(image, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.imageSmoothingEnabled = false;
    const left = x(0), top = y(0), wide = x(columns) - left, tall = y(rows) - top;
    context.drawImage(cells.canvas, left, top, wide, tall);
    if (gap) {
      for (let n = 1; n <= columns; n++) context.clearRect(x(n) - gap, top, gap, tall);
      for (let n = 1; n <= rows; n++) context.clearRect(left, y(n) - gap, wide, gap);
    }
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    return first + cellCount;
  }
}
