"""Schools: the register, its import, and the MoU that makes a school a partner."""
