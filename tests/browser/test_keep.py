"""What is kept over a reload, in two tabs, and where nothing can be."""

from browsers import Pages
from fishpage import FishPage
from watched import SHIFTS


def said(page: FishPage, place: str) -> str:
    return page.tab.locator(place).text_content() or ""


def wait_said(page: FishPage, place: str, part: str) -> str:
    page.wait(part, lambda: part in said(page, place))
    return said(page, place)


# The live run's step and state as they lie in the store.
STORED = """new Promise((done) => {
  const here = new URL(".", document.baseURI).pathname;
  const request = indexedDB.open(`fishformer ${here}`);
  request.onsuccess = () => {
    const database = request.result;
    const key = `tab/${sessionStorage[`fishformer.tab ${here}`]}/work`;
    database.transaction("kept").objectStore("kept").get(key).onsuccess = (event) => {
      database.close();
      const { step, state } = event.target.result?.position ?? {};
      done([step, state]);
    };
  };
})"""


def wait_kept(page: FishPage) -> None:
    """Until the store has the page as it stands: paused, not in training lately."""
    now = [page.step, page.state()["state"]]
    page.wait(f"{now} in the store", lambda: page.tab.evaluate(STORED) == now)


def begin(page: FishPage, settings: dict[str, str]) -> None:
    """Other settings, as the form has them, and a few steps."""
    page.show("#setup")
    for key, value in settings.items():
        page.tab.locator(f"[data-do='setup.{key}']").fill(value)
    page.control("setup.train").click()
    page.wait_state("training")
    page.wait_step(15)
    page.pause()
    page.make_step()  # what is kept at this step is kept of a page that pauses


def reload(page: FishPage) -> None:
    page.tab.reload()
    page.wait_state("training", "paused", "done")


def names(page: FishPage) -> list[str]:
    page.show("#runs")
    read = "[...document.querySelectorAll('#runs-list input')].map((one) => one.value)"
    return page.wait("the runs", lambda: page.tab.evaluate(read))


def test_a_reload_brings_everything_back(page: FishPage):
    page.boot_at(12)
    begin(page, {"layers": "1"})
    step, loss = page.step, page.loss
    wait_said(page, "#keep-words", f"2 runs, until step {step} ")
    page.tab.add_init_script(SHIFTS)
    page.tab.evaluate("scrollTo(0, 0)")
    reload(page)
    page.wait_step(step)
    assert (page.loss, page.state()["state"]) == (loss, "paused")
    wait_said(page, "#kept-words", f"Your 2 runs are back; step {step}.")
    assert page.tab.evaluate("globalThis.shifted ?? 0") < 0.02
    page.wait("both", lambda: names(page) == ["First run", "2 layers → 1 layer"])
    page.tab.evaluate("scrollTo(0, 0)")
    page.button("Start afresh").click()
    page.wait_state("training")
    page.wait_step(4)
    page.pause()
    assert "layers" not in page.tab.url
    page.wait("three", lambda: len(names(page)) == 3)
    wait_said(page, "#keep-words", "3 runs")
    page.open("#seed=9")  # the page loads itself again
    wait_said(page, "#kept-words", "This link shows a run of its own")
    page.wait("four", lambda: len(names(page)) == 4)
    page.tab.locator("#keep-clear").click()
    page.tab.locator("#keep-yes").click()
    page.wait("a fresh page", lambda: "seed" not in page.tab.url)
    page.wait_state("training")
    assert names(page) == ["First run"]
    assert not page.tab.locator("#kept").is_visible()


# Takes a lock when the page that has it goes, and keeps it for longer than a moment.
LATE = """(name) => {
  navigator.locks.request(name, () => new Promise((then) => setTimeout(then, 2000)));
}"""


def test_a_reload_waits_until_the_page_before_it_has_gone(page: FishPage):
    """On a slow machine it lets go of its lock seconds after the next one has begun."""
    page.boot_at(12)
    begin(page, {"layers": "1"})
    wait_said(page, "#keep-words", f"2 runs, until step {page.step} ")
    held = "navigator.locks.query().then(({ held }) => held.map(({ name }) => name))"
    (lock,) = page.tab.evaluate(held)
    other = page.tab.context.new_page()
    html = {"content_type": "text/html", "body": "<link rel=icon href='data:,'>"}
    other.route("**/*", lambda route: route.fulfill(**html))
    other.goto(page.url)
    other.evaluate(LATE, lock)
    step = page.step
    reload(page)
    wait_said(page, "#kept-words", f"Your 2 runs are back; step {step}.")


def test_two_tabs_keep_apart(page: FishPage, pages: Pages):
    page.boot_at(9)
    wait_said(page, "#keep-words", "1 run, until step 9 ")
    second = pages.watch(page.tab.context)
    second.boot_at(5, "#seed=3")
    wait_said(second, "#kept-words", "Another tab has this page open")
    wait_said(second, "#keep-words", "2 runs, until step 5 ")
    reload(page)
    page.wait_step(9)
    assert names(page) == ["First run"]
    second.tab.close()
    pages.opened.remove(second)
    third = pages.watch(page.tab.context)
    third.boot()
    wait_said(third, "#kept-words", "Your 2 runs are back; step 5.")


FORBIDDEN = "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); };"


def test_where_nothing_can_be_kept_it_says_so_and_trains(page: FishPage):
    page.tab.add_init_script(FORBIDDEN)
    page.boot()
    page.wait_step(5)
    wait_said(page, "#keep-words", "does not let the page keep anything")
    page.pause()
    page.make_step()


# The databases whose names begin so answer only once they are let go.
HANGS = """(names) => {
  const { open } = IDBFactory.prototype;
  const free = new Promise((then) => { globalThis.letGo = then; });
  IDBFactory.prototype.open = function (...given) {
    const request = open.apply(this, given);
    if (!given[0].startsWith(names)) return request;
    return new Proxy(request, {
      get: (_, key) => request[key],
      set: (_, key, act) => {
        request[key] = (event) => free.then(() => act(event));
        return true;
      },
    });
  };
}"""


def hang(page: FishPage, names: str) -> None:
    page.tab.add_init_script(f"({HANGS})({names!r})")
    page.tab.clock.install()


def begun(page: FishPage) -> bool:
    page.tab.clock.run_for(1000)
    return page.state()["state"] == "training" and page.step >= 3


def test_a_store_that_does_not_answer_is_told(page: FishPage):
    hang(page, "")
    page.open()
    page.wait("a start all the same", lambda: begun(page), 90)
    page.tab.clock.run_for(25_000)
    wait_said(page, "#keep-words", "store does not answer, so what you do here is not")
    page.show("#runs")
    page.tab.locator("#keep-clear").click()
    page.tab.locator("#keep-yes").click()
    page.wait("a refusal", page.tab.locator("#keep-clear").is_visible)
    assert "does not answer" in said(page, "#keep-words")
    page.pause()
    page.make_step()


def test_a_store_that_answers_late_loses_no_run(page: FishPage):
    page.boot_at(12)
    begin(page, {"layers": "1"})
    wait_said(page, "#keep-words", f"2 runs, until step {page.step} ")
    hang(page, "fishformer")
    page.tab.reload()
    page.wait("a start without them", lambda: begun(page), 90)
    wait_said(page, "#keep-words", "What this browser keeps has not come yet")
    page.pause()  # which is kept at once, but for this
    page.make_step()
    page.tab.evaluate("letGo()")
    wait_said(page, "#kept-words", "your runs are back, under Runs")
    assert {"First run", "2 layers → 1 layer"} < {*names(page)}
    assert "steps\n12\n" in page.tab.locator("#runs-list").inner_text()
    wait_said(page, "#keep-words", "3 runs")


# Each load has databases of its own, and finds none of those before.
FORGETS = """{
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (name, ...given) {
    return open.call(this, `${name} ${performance.timeOrigin}`, ...given);
  };
}"""


def test_a_private_window_that_forgets_is_told(page: FishPage):
    page.tab.add_init_script(FORGETS)
    page.boot_at(4)
    wait_said(page, "#keep-words", "1 run, until step 4 ")
    assert page.tab.locator("#kept").is_hidden()
    reload(page)
    wait_said(page, "#kept-words", "has forgotten what it kept of your last visit")
    page.wait_step(4)  # as its link says
    page.make_step()


def test_a_private_window_without_room_trains_and_says_so(page: FishPage):
    page.open()
    origin = page.tab.evaluate("origin")
    system = page.tab.context.new_cdp_session(page.tab)
    system.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1})
    page.tab.goto("about:blank")
    page.boot_at(4)
    wait_said(page, "#keep-words", "is full, so what you do now is not kept")
    page.make_step()


# As Chromium does it: the puts are taken, and the whole transaction is undone. One that
# has deleted something, and was not undone, may have made room.
FULL = """{
  const { put, delete: remove } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.delete = function (...given) {
    this.transaction.addEventListener("complete", () => {
      if (globalThis.full === "until something goes") globalThis.full = false;
    });
    return remove.apply(this, given);
  };
  IDBObjectStore.prototype.put = function (...given) {
    const { transaction } = this;
    const request = put.apply(this, given);
    if (globalThis.full) request.onsuccess = () => {
      const error = new DOMException("no room", "QuotaExceededError");
      Object.defineProperty(transaction, "error", { value: error });
      transaction.abort();
    };
    return request;
  };
}"""


def test_where_there_is_no_more_room_what_was_kept_stays(page: FishPage):
    page.tab.add_init_script(FULL)
    page.boot_at(12)
    wait_said(page, "#keep-words", "1 run, until step 12 ")
    kept = page.loss
    page.tab.evaluate("globalThis.full = true")
    begin(page, {"layers": "1"})
    wait_said(page, "#keep-words", "is full, so what you do now is not kept")
    page.tab.evaluate("scrollTo(0, 0)")
    page.wait("the banner", page.tab.locator("#kept").is_visible)
    wait_said(page, "#kept-words", "is full, so what you do now is not kept")
    assert not page.tab.locator("#kept-afresh").is_visible()
    assert names(page) == ["First run", "2 layers → 1 layer"]

    # Room again: what could not be kept is kept after all, the name before the step.
    page.tab.evaluate("globalThis.full = false")
    page.tab.locator("#runs-list input").nth(1).fill("one layer")
    page.tab.locator("#runs-list input").nth(1).press("Enter")
    page.make_step()
    step, loss = page.step, page.loss
    wait_said(page, "#keep-words", f"2 runs, until step {step} ")
    page.wait("no banner", page.tab.locator("#kept").is_hidden)

    # None again, and a reload: the page is as it was kept last, with both of its runs.
    page.tab.evaluate("globalThis.full = true")
    page.show("#runs-list")
    page.tab.get_by_role("button", name="Open First run").click()
    page.wait_step(12)
    wait_said(page, "#keep-words", "is full")
    assert page.loss == kept
    reload(page)
    page.wait_step(step)
    assert page.loss == loss
    page.wait("both", lambda: names(page) == ["First run", "one layer"])

    # None until something goes: what is deleted goes first, then all is kept.
    page.tab.evaluate("globalThis.full = 'until something goes'")
    page.tab.get_by_role("button", name="Delete First run").click()
    page.wait("one run", lambda: names(page) == ["one layer"])
    wait_said(page, "#keep-words", f"1 run, until step {step} ")
    assert page.tab.evaluate("globalThis.full") is False
