"""What AltruPets' apps would send, seeded: events, users, and a manifest of every defect planted.

One *arrival* is what lands between two pipeline updates. The first brings days 1..N, each later one
exactly one more day. Everything is a pure function of the settings and the arrival's number, so the
same seed gives the same bytes, and the manifest says what was planted, without running any of the
pipeline's logic.
"""
