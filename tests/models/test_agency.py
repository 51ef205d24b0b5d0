"""Parties and their other names."""

from plans.models import Agency, AgencyAlias


def test_agency_reads_as_the_plan_prints_it():
    assert str(Agency(code="msd", name="MSD", name_en="Ministry of Social Development")) == "MSD"


def test_agency_is_a_group_by_its_kind_alone():
    assert (Agency(name="All", kind="group").is_group, Agency(name="All", kind="agency").is_group) == (True, False)


def test_agency_name_is_te_reo_when_it_is_the_te_reo_name():
    names = [("Kāinga Ora", "Kāinga Ora"), ("MSD", "Te Manatū Whakahiato Ora"), ("NDIB", "")]
    assert [Agency(name=name, name_mi=mi).name_is_te_reo for name, mi in names] == [True, False, False]


def test_alias_reads_as_it_is_written():
    assert str(AgencyAlias(alias="NZ Police")) == "NZ Police"


def test_agencies_are_listed_without_regard_to_case_and_macrons(db):
    for code, name in [("tpk", "TPK"), ("zeta", "zeta"), ("ahi", "Āhi"), ("apa", "APA")]:
        Agency.objects.create(code=code, name=name)
    assert [agency.name for agency in Agency.objects.all()] == ["Āhi", "APA", "TPK", "zeta"]


def test_agency_reports_its_units_and_groups(db):
    msd = Agency.objects.create(code="msd", name="MSD")
    office = Agency.objects.create(code="office", name="Office", kind="unit", parent=msd)
    everyone = Agency.objects.create(code="all", name="All", kind="group")
    everyone.members.add(msd)
    assert (list(msd.units.all()), list(msd.groups.all()), list(office.groups.all())) == ([office], [everyone], [])
