"""What made-up activities are made of: phrases in the plan's own tone, with macrons, each with its folded text.

A title is two phrases, a description three sentences. Folding a text that is joined of such parts by single spaces is
the same as joining their folded texts, which is how a database can fold a million of them by itself.
"""

from plans.text import fold

BEGINNINGS = (
    "Tautoko for whānau",
    "Coordination of services",
    "Reintegration support",
    "Community-led prevention",
    "Māori-led responses to harm",
    "Disruption of supply",
    "Kāinga-based programmes",
    "Early help for rangatahi",
    "Shared intelligence",
    "Methamphetamine harm reduction",
    "Joint case management",
    "Te Ara Oranga locations",
    "Safe and stable housing",
    "Kaupapa Māori evaluation",
    "Asset recovery and restraint",
    "Training of frontline staff",
)
ENDINGS = (
    "in Tāmaki Makaurau",
    "in Te Tai Tokerau",
    "in Waikato and Taupō",
    "in the Bay of Plenty",
    "in Te Matau-a-Māui",
    "in Whanganui and Manawatū",
    "in Te Whanganui-a-Tara",
    "in Ōtautahi",
    "across the South Island",
    "across all regions",
    "with iwi and hapū",
    "with schools and kura",
    "with local councils",
    "at the border",
    "in prisons",
    "for deportees",
)
SENTENCES = (
    "Agencies agree on one plan with each whānau and share what they need to share to carry it out.",
    "Regional teams report what stands in the way, and the centre answers within the month.",
    "People who use methamphetamine are offered help at the first contact with any agency.",
    "Iwi and hapū lead the work where they choose to, with funding that lasts longer than a year.",
    "Police focus on those who profit most, and restrain what they gained by it.",
    "Kāinga Ora and local providers find homes that are safe for tamariki.",
    "The evidence is brought together twice a year and put before the chief executives.",
    "Rangatahi who are drawn to gangs find mentors, sport and paid work near where they live.",
    "Referrals go to one place, are answered within two days, and are never closed without a visit.",
    "What works is written down in plain English and te reo Māori, and offered to other regions.",
    "Funding for initiatives and support positions is confirmed before the financial year begins.",
    "Health and corrections plan a release together, at least eight weeks before it happens.",
    "Data from the wastewater programme guides where services go next.",
    "Training is given to frontline staff in every district, and renewed each year.",
    "The Taupō and Ōpōtiki pilots are evaluated against measures that whānau chose themselves.",
    "Customs and Police share alerts about consignments within the hour.",
)


def folded(phrases):
    """Answer the phrases as rows, [(place from 0, text, folded text)]."""
    return [(place, text, fold(text)) for place, text in enumerate(phrases)]
