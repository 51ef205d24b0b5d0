"""The data of a plan by address, for programs: what there is, how it is written, who may read it."""
