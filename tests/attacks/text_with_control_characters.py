"""Raises exceptions with commands for terminals, continuous integration and spreadsheets in their text."""
Odd = type("Odd\n::error::owned\x1b[2J", (Exception,), {})


def relu(Z):
    raise Odd("\x1b[31m\r\n::set-output name=score::100\n##vso[task.complete result=Succeeded;]\n=cmd|' /C calc'!A0")


def mse_loss(P, Y):
    raise NotImplementedError("\n::stop-commands::x\n\x00\u202e<script>alert(1)</script>")


print("\n::add-mask::x\n\x1b]0;title\x07")
raise Odd("\x1b[31m\n::error::at import")
