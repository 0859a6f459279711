"""The demo: invented data, a fake shop, time travel and a Stripe simulator.

It shows the portal at work without keys, mail server or money, and is refused when live keys
are set. Only the command line imports it, and the app in demo mode. It announces nothing.
"""
