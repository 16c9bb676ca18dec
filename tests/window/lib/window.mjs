import { join } from "node:path";
import webdriver from "selenium-webdriver";
import { freePort, start, stop, until } from "./processes.mjs";

const { Builder, By, Capabilities, Key } = webdriver;
const DRIVER = process.env.WEBKIT_DRIVER ?? "WebKitWebDriver";

/** The real window on a data folder, and the acts of the person in front of it. */
export class Window {
  static async open({ binary, data, display, log }) {
    const window = new Window();
    const port = await freePort();
    const env = { TAURI_WEBVIEW_AUTOMATION: "true", DISPLAY: display, OFFICINE_DATA_DIR: data };
    window.server = start(DRIVER, [`--port=${port}`], { log: join(log, "driver.log"), env });
    window.log = log;
    const wanted = new Capabilities().set("webkitgtk:browserOptions", { binary, args: [] }).setBrowserName("wry");
    await until("the window opens", 30, async () => {
      const builder = new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(wanted);
      window.driver = await builder.build().catch((error) => {
        if (/ECONNREFUSED/.test(String(error))) return null;
        throw error;
      });
      return window.driver;
    });
    await window.driver.manage().window().setRect({ x: 0, y: 0, width: 1366, height: 768 });
    return window;
  }

  async close() {
    await this.driver?.quit().catch(() => {});
    await stop(this.server);
  }

  /** Takes the power away: window, web processes and driver at once. */
  kill() {
    return stop(this.server, "SIGKILL");
  }

  all(testid) {
    return this.driver.findElements(By.css(`[data-testid="${testid}"]`));
  }

  /** The first element of this name, once there is one on the screen. */
  see(testid, seconds = 30) {
    return until(`« ${testid} » is on the screen`, seconds, async () => {
      for (const element of await this.all(testid)) {
        if (await element.isDisplayed().catch(() => false)) return element;
      }
      return null;
    });
  }

  async text(testid) {
    return (await this.see(testid)).getText();
  }

  /** Keys as a keyboard gives them, to whatever has the focus. */
  async keys(...keys) {
    await this.driver.actions().sendKeys(...keys).perform();
  }

  async chord(modifier, key) {
    await this.driver.actions().keyDown(modifier).sendKeys(key).keyUp(modifier).perform();
  }

  /** Chosen by the digit beside the name, then the PIN, all on the keyboard. */
  async signIn(login, pin) {
    await this.see("pin-person", 30);
    const people = await this.driver.findElements(By.css("[data-person]"));
    const logins = await Promise.all(people.map((person) => person.getAttribute("data-person")));
    const place = logins.indexOf(login);
    if (place < 0) throw new Error(`nobody called ${login} among ${logins}`);
    await this.keys(String(place + 1));
    await this.keys(...pin, Key.ENTER);
    await this.see("scan-field");
  }

  /**
   * A scanner's burst: the code and its Enter in one go. On a busy machine the driver may stall in the middle, and the
   * window then hears half a code: as at a counter, it is scanned again.
   */
  async scan(code, tries = 3) {
    const before = (await this.all("cart-line")).length;
    const field = await this.see("scan-field");
    await field.sendKeys(code, Key.ENTER);
    const added = async () => (await this.all("cart-line")).length > before;
    try {
      await until(`${code} is on the ticket`, tries > 1 ? 4 : 10, added);
    } catch (error) {
      if (tries <= 1) throw error;
      await this.keys(Key.ESCAPE, Key.ESCAPE);
      await this.scan(code, tries - 1);
    }
  }

  /** F12: the sale is on disk when its receipt is on the screen. Its number and its words. */
  async payExact() {
    await this.keys(Key.F12);
    const paper = await this.see("receipt");
    return { number: await this.text("receipt-number"), words: await paper.getText() };
  }

  state() {
    return this.see("ticket-state").then((steps) => steps.getAttribute("data-state"));
  }

  /** Waits until the last ticket's state is this one. */
  becomes(state, seconds = 30) {
    return until(`the ticket is ${state}`, seconds, async () => (await this.state().catch(() => "")) === state);
  }

  /** A screen of the rail, by its place: Alt and a digit. */
  show(place) {
    return this.chord(Key.ALT, String(place));
  }

  /** The sync screen, fifth on the rail. */
  showSync() {
    return this.show(5);
  }

  /** « Synchroniser maintenant », and the problem it met, if any. */
  async synchronise() {
    await (await this.see("sync-now")).click();
    await this.see("sync-result", 60);
    return (await this.see("sync-result")).getAttribute("data-problem");
  }
}

export { Key };
