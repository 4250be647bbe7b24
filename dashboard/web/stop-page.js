import { mount } from "/our/stop-panel.js";

mount(document.getElementById("panel"), { tall: true });
