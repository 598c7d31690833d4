// Signing out: what this browser has opened of the fan's tickets goes, what they chose to keep on this phone stays.
for (const form of document.querySelectorAll('form[action$="/sign-out"]')) {
  form.addEventListener("submit", (event) => {
    if (!("caches" in window) || form.dataset.forgot) return;
    event.preventDefault();
    form.dataset.forgot = "1";
    caches
      .delete("tickets-open-1")
      .catch(() => {})
      .finally(() => form.submit());
  });
}
