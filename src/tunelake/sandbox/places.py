"""Where music is sold: the markets every generated record names."""

from __future__ import annotations

_CODES = (
    "AD AE AR AT AU BE BG BO BR CA CH CL CO CR CY CZ DE DK DO DZ EC EE EG ES FI FR GB GR GT HK HN HU "
    "ID IE IL IN IS IT JO JP KR KW LB LI LT LU LV MA MC MT MX MY NG NI NL NO NZ PA PE PH PL PT PY QA "
    "RO SA SE SG SK SV TH TN TR TW UA US UY VN ZA "
)
MARKETS = tuple(_CODES.split())
