/* Shows how far a file has been sent, and how far its check has come. All works without this. */
(() => {
  "use strict";
  const get = (id) => document.getElementById(id);

  // A file is sent with its progress in sight.
  const watchUpload = () => {
    const form = get("upload"), box = form?.querySelector("[type=file]");
    if (!form) return;
    const drop = form.querySelector(".upload__drop"), shown = form.querySelector(".upload__progress");
    const bar = shown.querySelector("progress"), words = get("upload-words"), button = form.querySelector("button");
    let sending;
    // Several can be sent without this script only, which then are refused.
    box.multiple = false;

    const refuse = (sentence) => {
      get("id_file_error")?.remove();
      const error = Object.assign(document.createElement("p"), { className: "error", id: "id_file_error", textContent: sentence });
      error.setAttribute("role", "alert");
      box.after(error);
      box.setAttribute("aria-invalid", "true");
      box.setAttribute("aria-describedby", "id_file_hint id_file_error");
      box.focus();
    };
    const stop = () => {
      sending = null;
      shown.hidden = true;
      button.disabled = false;
    };
    const fail = () => {
      stop();
      refuse("The file could not be uploaded. Check the connection, then try again.");
    };
    const finish = ({ target: { status, responseText, responseURL } }) => {
      const error = new DOMParser().parseFromString(responseText, "text/html").getElementById("id_file_error");
      stop();
      if (status === 200 && responseURL !== location.href) location.assign(responseURL);
      else if (error) refuse(error.textContent);
      // Signed out meanwhile, or worse: the form is sent as without a script, and its answer shown.
      else form.submit();
    };

    form.addEventListener("submit", (event) => {
      if (!box.files.length) return;
      event.preventDefault();
      if (sending) return;
      if (box.files[0].size > Number(box.dataset.max)) return refuse(box.dataset.tooLarge);
      sending = new XMLHttpRequest();
      sending.upload.addEventListener("progress", ({ loaded, total }) => {
        bar.value = (100 * loaded) / total;
        words.textContent = loaded < total ? `Uploading the file: ${Math.floor(bar.value)} %` : "Uploaded. Checking the file…";
        if (loaded >= total) bar.removeAttribute("value");
      });
      sending.addEventListener("load", finish);
      sending.addEventListener("error", fail);
      sending.open("POST", form.action);
      const data = new FormData(form);
      shown.hidden = false;
      button.disabled = true;
      sending.send(data);
    });

    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("is-over");
    });
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      const { files } = event.dataTransfer;
      if (files.length > 1) return refuse(box.dataset.oneOnly);
      if (files.length) box.files = files;
      box.focus();
    });
  };

  // A job at work is asked about each second, and its result shown when it is done.
  const watchJob = () => {
    const ask = async () => {
      const shown = get("progress");
      if (!shown?.hasAttribute("data-busy")) return;
      try {
        const answer = await fetch(shown.dataset.progress, { headers: { "X-Requested-With": "fetch" } });
        if (answer.redirected || !answer.ok) return location.reload();
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const latest = page.getElementById("progress");
        if (!latest?.hasAttribute("data-busy")) return location.reload();
        get("progress-words").textContent = page.getElementById("progress-words").textContent;
        const [bar, now] = [shown, latest].map((one) => one.querySelector("progress"));
        for (const name of ["max", "value"]) {
          if (now.hasAttribute(name)) bar.setAttribute(name, now.getAttribute(name));
          else bar.removeAttribute(name);
        }
      } catch {
        // The network comes back; until then the page stays as it is.
      }
      setTimeout(ask, 1000);
    };
    if (get("progress")) setTimeout(ask, 1000);
  };

  // What was chosen and not checked yet is not what the button would import, and is lost with the page.
  const watchChoices = () => {
    const form = get("decisions"), button = get("apply")?.querySelector("button"), note = get("unchecked");
    let isUnchecked = false;
    form?.addEventListener("change", () => {
      isUnchecked = true;
      note.hidden = false;
      note.textContent = "You have changed a choice. Save your choices, then import.";
      if (button) button.disabled = true;
    });
    document.addEventListener("submit", () => { isUnchecked = false; });
    addEventListener("beforeunload", (event) => {
      if (isUnchecked) event.preventDefault();
    });
  };

  watchUpload();
  watchJob();
  watchChoices();
})();
