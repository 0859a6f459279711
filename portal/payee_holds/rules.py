"""Which accounts two creators may share without a question. Pure."""

from portal.creators.models import Rail

SHAREABLE = (Rail.MANUAL.value, Rail.CREDIT.value)  # free text: two may have written the same
