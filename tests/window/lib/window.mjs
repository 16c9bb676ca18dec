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

  all(testid) {
    return this.driver.findElements(By.css(`[data-testid="${testid}"]`));
  }

  /** The first element of this name, once there is one on the screen. */
  see(testid, seconds = 10) {
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
  }

  /** A scanner's burst: the code and its Enter in one go. */
  async scan(code) {
    const before = (await this.all("cart-line")).length;
    await this.see("scan-field");
    await this.keys(...code, Key.ENTER);
    await until(`${code} is on the ticket`, 10, async () => (await this.all("cart-line")).length > before);
  }

  /** F12: the sale is on disk when its state is on the screen. */
  async payExact() {
    const before = await this.lastTicket();
    await this.keys(Key.F12);
    await until("the sale is recorded", 10, async () => {
      return (await this.all("cart-line")).length === 0 && (await this.lastTicket()) !== before;
    });
  }

  /** The number that the next or last ticket shows beside its total. */
  async lastTicket() {
    const found = await this.driver.findElements(By.css(".doc .code"));
    return found.length ? found[0].getText().catch(() => "") : "";
  }

  /** The receipt of the last ticket: its number and its words. */
  async receipt() {
    await this.chord(Key.ALT, "r");
    const paper = await this.see("receipt");
    const [number, words] = [await this.text("receipt-number"), await paper.getText()];
    return { number, words };
  }

  async leaveDialog() {
    await this.keys(Key.ESCAPE);
    await until("the receipt is gone", 5, async () => (await this.all("receipt")).length === 0);
  }

  state() {
    return this.see("ticket-state").then((steps) => steps.getAttribute("data-state"));
  }

  /** Waits until the last ticket's state is this one. */
  becomes(state, seconds = 10) {
    return until(`the ticket is ${state}`, seconds, async () => (await this.state().catch(() => "")) === state);
  }

  /** A screen of the rail, by its place: Alt and a digit. */
  show(place) {
    return this.chord(Key.ALT, String(place));
  }

  /** « Synchroniser maintenant », and the problem it met, if any. */
  async synchronise() {
    await (await this.see("sync-now")).click();
    await this.see("sync-result", 60);
    return (await this.see("sync-result")).getAttribute("data-problem");
  }
}

export { Key };
