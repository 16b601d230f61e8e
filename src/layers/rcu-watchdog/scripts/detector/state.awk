# state.awk - what a restart needs, and people and metrics want to see.
function clear_state() { printed = ""; changed = 1; resumable = 0 }
function resume() { }
function print_state(now) { }
