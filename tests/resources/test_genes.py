"""Gene names and places. Synonyms: Bruford, Leukemia 2021;35:3040, and HGNC."""

from __future__ import annotations

import pytest

from moltrack import resources


@pytest.mark.parametrize(
    ("old", "symbol"),
    [
        ("MLL", "KMT2A"),
        ("AML1", "RUNX1"),
        ("ETO", "RUNX1T1"),
        ("EVI1", "MECOM"),
        ("MOZ", "KAT6A"),
        ("MYST3", "KAT6A"),
        ("CAN", "NUP214"),
        ("ENL", "MLLT1"),
        ("MEN", "ELL"),
        ("AF9", "MLLT3"),
        ("AF-9", "MLLT3"),
        ("MLLT4", "AFDN"),
        ("SMMHC", "MYH11"),
        ("MKL1", "MRTFA"),
        ("CBP", "CREBBP"),
        ("TEL", "ETV6"),
        ("JARID1A", "KDM5A"),
        ("p53", "TP53"),
        ("ENSG00000122025.14", "FLT3"),
        ("HGNC:76", "ABL1"),
    ],
)
def test_old_names_give_the_current_symbol(old, symbol):
    assert resources.gene_symbol(old) == symbol


@pytest.mark.parametrize("name", ["HOX1", "CDK4I", "EZH1", "MAL", "ALL", "", "no gene"])
def test_a_name_of_several_genes_or_none_gives_no_symbol(name):
    assert resources.gene_symbol(name) is None


def test_every_previous_symbol_and_alias_is_unambiguous():
    clashes = {
        (name, item.symbol, found)
        for item in resources.genes().values()
        for name in (*item.previous, *item.aliases)
        if (found := resources.gene_symbol(name)) != item.symbol
    }
    assert clashes == set()


def test_current_symbols_stand_for_themselves():
    assert all(resources.gene_symbol(symbol) == symbol for symbol in resources.genes())


def test_ell_and_enl_are_different_genes_on_19p13():
    assert (resources.gene_symbol("ELL"), resources.gene_symbol("ENL")) == ("ELL", "MLLT1")


@pytest.mark.parametrize(
    ("build", "chrom", "pos", "gene"),
    [("GRCh37", "13", 28608260, "FLT3"), ("GRCh38", "5", 171410539, "NPM1"), ("GRCh38", "17", 7674220, "TP53")],
)
def test_gene_at_a_position(build, chrom, pos, gene):
    assert resources.genes_at(build, chrom, pos)[0] == gene


def test_regions_come_in_genome_order_with_padding():
    [(chrom, start, end, symbol)] = resources.gene_regions(["NPM1", "no gene"], "GRCh38", padding=10)
    own = resources.gene("NPM1").spans["GRCh38"]
    assert (chrom, start, end, symbol) == ("5", own[0] - 10, own[1] + 10, "NPM1")


def test_an_unknown_gene_is_none():
    assert resources.gene("XYZ") is None
