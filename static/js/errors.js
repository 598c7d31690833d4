// After a failed form the list of what to put right takes the focus, so that it is read out first.
document.querySelector("[data-error-summary]")?.focus();
