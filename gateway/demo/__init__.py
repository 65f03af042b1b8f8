"""The demonstration: one real call, shown as it happens and verified from what was recorded."""
