// What the gate says, shows, sounds and feels like: the table of gate/outcomes.py, held equal by a test.

export const WORDS = {
  admitted: { word: "Come in", sentence: "", look: "is-in", sound: "rising", vibration: [60] },
  left: { word: "Goodbye", sentence: "Out. The same ticket lets them in again.", look: "is-in", sound: "rising", vibration: [60] },
  already_used: { word: "Already in", sentence: "One ticket, one person.", look: "is-stop", sound: "buzz", vibration: [300, 100, 300] },
  forged: { word: "Stop", sentence: "This code was not made by us. Keep the phone or paper in view, and call the supervisor.", look: "is-stop", sound: "buzz", vibration: [300, 100, 300] },
  disputed: { word: "Stop", sentence: "The bank is disputing the payment. Ask the supervisor.", look: "is-stop", sound: "buzz", vibration: [300, 100, 300] },
  wrong_gate: { word: "Go to gate", sentence: "The ticket is good.", look: "is-turn", sound: "twice", vibration: [150, 80, 150] },
  check_identity: { word: "Check ID", sentence: "A printed or saved code. Compare the name on the booking with an identity card.", look: "is-turn", sound: "twice", vibration: [150, 80, 150] },
  old_picture: { word: "Old picture", sentence: "This is a picture of a code that has changed since. Ask for the ticket page itself.", look: "is-turn", sound: "twice", vibration: [150, 80, 150] },
  void: { word: "Not valid", sentence: "Refunded or replaced. The newest ticket is in the last e-mail.", look: "is-void", sound: "low", vibration: [400] },
  wrong_event: { word: "Not valid", sentence: "This ticket is for another event today.", look: "is-void", sound: "low", vibration: [400] },
  wrong_day: { word: "Not valid", sentence: "This ticket is for another day.", look: "is-void", sound: "low", vibration: [400] },
  not_yet_valid: { word: "Not yet", sentence: "Too early for this ticket.", look: "is-void", sound: "low", vibration: [400] },
  expired: { word: "Not valid", sentence: "The time of this ticket is over.", look: "is-void", sound: "low", vibration: [400] },
  unknown: { word: "Not valid", sentence: "This is no code of ours for this ground.", look: "is-void", sound: "low", vibration: [400] },
  not_inside: { word: "Not inside", sentence: "Nobody came in on this ticket.", look: "is-void", sound: "low", vibration: [400] },
  unreadable: { word: "Hold it flat", sentence: "Turn up the light, and hold it flat.", look: "is-unread", sound: "none", vibration: [] },
  undone: { word: "Undone", sentence: "It counts as if it had not been scanned.", look: "is-void", sound: "none", vibration: [] },
};
