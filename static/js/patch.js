// Applies a merge patch (RFC 7386), which cricket/board/patch.py makes: shaped like the document, null for what is
// gone.

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export function merge(document, patch) {
  if (!isMap(patch)) throw new Error("This is no patch for this document.");
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete document[key];
    else document[key] = isMap(value) ? merge(isMap(document[key]) ? document[key] : {}, value) : value;
  }
  return document;
}
