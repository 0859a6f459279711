"""A brand removes a site while links lead to it: the brand, the creator and the shopper are told."""

import pytest

from portal.identity.models import Brand
from portal.storage.locks import lock
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import queries as links
from portal.tracking import site_commands
from portal.tracking.rules import leads_off_site
from tests.support.people import a_program, an_ambassador


@pytest.fixture
def link(world):
    ada = an_ambassador(a_program(world.glow), "Ada")
    return links.default_links([ada.id])[ada.id]


def removed(world):
    brand_id = world.glow.id
    with unit_of_work():
        for site in list(lock(Brand, brand_id).allowed_hosts):
            site_commands.drop_site(brand_id, site, by=None)


def test_the_brand_reads_it_in_the_list_and_on_the_link(world, link):
    world.mona.opens("/brand/glow/links").does_not_see("Site removed")
    removed(world)
    page = world.mona.opens("/brand/glow/links")
    page.sees("Some of these links do not lead to your shop.", "Site removed", "Your sites")
    world.mona.opens(f"/brand/glow/links/{link.public_id}").sees(
        "It does not lead to your shop.", "Its site is not among your sites"
    )


def test_the_creator_reads_it_and_may_lead_her_link_elsewhere(world, link):
    removed(world)
    ada = world.signed_in("ada@example.com")
    ada.opens("/creator/links").sees("Not to the shop")
    ada.opens(f"/creator/links/{link.public_id}").sees(
        "It does not lead to the shop at the moment", "Change where it leads"
    )


@pytest.mark.parametrize(
    ("url", "is_off"),
    [("https://glow.example/tea", False), ("https://www.glow.example", False),
     ("https://other.example", True), ("https://[", True), ("https://glow.example:99999", True)],
)  # fmt: skip
def test_R55_only_the_brands_own_sites(url, is_off):
    assert leads_off_site(url, ["glow.example"]) is is_off
