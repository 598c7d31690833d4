// The phone's table of words, for a test that holds it against the server's.
import { OVERRIDABLE, WORDS } from "../../static/js/gate/words.js";

console.log(JSON.stringify({ words: WORDS, overridable: [...OVERRIDABLE] }));
