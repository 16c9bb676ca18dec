import { mount } from "svelte";
import App from "./App.svelte";
import { connect } from "./backend";
import "./styles/tokens.css";
import "./styles/base.css";
import { expiryWatch } from "./state/expiry-watch.svelte";
import { guardHeldKeys, guardWindow } from "./state/guard";
import { shell } from "./state/shell.svelte";
import { m } from "./words.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("no #app in the page");

guardWindow();
guardHeldKeys();
connect().then(
  async () => {
    await shell.boot();
    expiryWatch.attach();
    mount(App, { target });
  },
  (error: unknown) => {
    target.setAttribute("role", "alert");
    target.textContent = m.problem_no_engine();
    throw error;
  },
);
