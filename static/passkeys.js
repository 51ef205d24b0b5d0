/* Passkeys: asks the browser for one where a page has a button for it, and sends what it answers as a form. */
(() => {
  "use strict";
  const form = document.getElementById("passkey");
  const problem = document.getElementById("passkey-problem");
  const tell = (words) => { problem.textContent = words; problem.hidden = false; };
  if (!webauthnJSON.supported()) {
    form.querySelector("button").disabled = true;
    tell("This browser cannot use passkeys here.");
    return;
  }
  const options = async () => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    return (await answer.json()).request_options;
  };
  form.addEventListener("submit", async (event) => {
    const field = form.elements.credential;
    if (field.value) return;
    event.preventDefault();
    problem.hidden = true;
    try {
      field.value = JSON.stringify(await webauthnJSON[form.dataset.does](await options()));
      form.requestSubmit();
    } catch (error) {
      tell(error.name === "InvalidStateError" ? "This passkey is set up already." : "No passkey was used. Try again.");
    }
  });
  addEventListener("pageshow", () => { form.elements.credential.value = ""; });
})();
