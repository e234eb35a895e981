"""The literature that the Methods paragraph cites: how each is named in a text, in a list, and in BibTeX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PLACE = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle", "book": "publisher"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication.

    Attributes:
        kind: of BibTeX's entries.
        authors: each as `Family, Given`.
        where: journal, book or publisher, by its kind; of a preprint the address.
        volume, pages: "" where it has none.
    """

    kind: str
    authors: tuple[str, ...]
    year: int
    title: str
    where: str
    volume: str = ""
    pages: str = ""

    @property
    def families(self) -> list[str]:
        """Family names of the authors."""
        return [author.partition(",")[0] for author in self.authors]

    @property
    def cited(self) -> str:
        """As a text cites it: `Benjamini and Hochberg 1995`."""
        *first, last = self.families
        if len(first) > 2:
            return f"{first[0]} et al. {self.year}"
        return f"{', '.join(first)} and {last} {self.year}" if first else f"{last} {self.year}"

    @property
    def listed(self) -> str:
        """As a list has it."""
        volume = f" {self.volume}" if self.volume else ""
        pages = f", {self.pages}" if self.pages else ""
        return f"{'; '.join(self.authors)} ({self.year}). {self.title}. {self.where}{volume}{pages}."

    def bibtex(self, key: str) -> str:
        """An entry of a bibliography, of this key."""
        fields = {
            "author": " and ".join(self.authors),
            "year": str(self.year),
            "title": f"{{{self.title}}}",
            PLACE.get(self.kind, "howpublished"): self.where,
            "volume": self.volume,
            "pages": self.pages.replace("–", "--"),
        }
        lines = [f"  {name} = {{{_escaped(value)}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{self.kind}{{{key},", *lines, "}"])


def _escaped(text: str) -> str:
    """BibTeX reads UTF-8, but `&` and `%` are TeX's."""
    return text.replace("&", r"\&").replace("%", r"\%")


def bibliography(keys: Iterable[str]) -> str:
    """A BibTeX file of these references."""
    return "\n\n".join(REFERENCES[key].bibtex(key) for key in keys) + "\n"


class Citations:
    """Collects what a text cites, in the order in which it does.

    Attributes:
        keys: cited so far.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, *keys: str) -> str:
        """The citation of these, in brackets."""
        self.keys += [key for key in keys if key not in self.keys]
        return f"({'; '.join(REFERENCES[key].cited for key in keys)})"


REFERENCES = {
    "bell2002": Reference(
        "article", ("Bell, Robert M.", "McCaffrey, Daniel F."), 2002,
        "Bias reduction in standard errors for linear regression with multi-stage samples",
        "Survey Methodology", "28", "169–181",
    ),
    "benjamini1995": Reference(
        "article", ("Benjamini, Yoav", "Hochberg, Yosef"), 1995,
        "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
        "Journal of the Royal Statistical Society, Series B", "57", "289–300",
    ),
    "benjamini2005": Reference(
        "article", ("Benjamini, Yoav", "Yekutieli, Daniel"), 2005,
        "False discovery rate–adjusted multiple confidence intervals for selected parameters",
        "Journal of the American Statistical Association", "100", "71–81",
    ),
    "benjamini2014": Reference(
        "article", ("Benjamini, Yoav", "Bogomolov, Marina"), 2014,
        "Selective inference on multiple families of hypotheses",
        "Journal of the Royal Statistical Society, Series B", "76", "297–318",
    ),
    "besag1991": Reference(
        "article", ("Besag, Julian", "Clifford, Peter"), 1991, "Sequential Monte Carlo p-values", "Biometrika", "78",
        "301–304",
    ),
    "bonett2000": Reference(
        "article", ("Bonett, Douglas G.", "Wright, Thomas A."), 2000,
        "Sample size requirements for estimating Pearson, Kendall and Spearman correlations", "Psychometrika", "65",
        "23–28",
    ),
    "broder1997": Reference(
        "inproceedings", ("Broder, Andrei Z.",), 1997, "On the resemblance and containment of documents",
        "Compression and Complexity of Sequences", "", "21–29",
    ),
    "clopper1934": Reference(
        "article", ("Clopper, C. J.", "Pearson, E. S."), 1934,
        "The use of confidence or fiducial limits illustrated in the case of the binomial", "Biometrika", "26",
        "404–413",
    ),
    "cornfield1956": Reference(
        "inproceedings", ("Cornfield, Jerome",), 1956, "A statistical problem arising from retrospective studies",
        "Proceedings of the Third Berkeley Symposium on Mathematical Statistics and Probability", "4", "135–148",
    ),
    "dohler2018": Reference(
        "article", ("Döhler, Sebastian", "Durand, Guillermo", "Roquain, Etienne"), 2018,
        "New FDR bounds for discrete and heterogeneous tests", "Electronic Journal of Statistics", "12", "1867–1900",
    ),
    "hahn1969": Reference(
        "article", ("Hahn, Gerald J.",), 1969,
        "Factors for calculating two-sided prediction intervals for samples from a normal distribution",
        "Journal of the American Statistical Association", "64", "878–888",
    ),
    "hemerik2020": Reference(
        "article", ("Hemerik, Jesse", "Goeman, Jelle J.", "Finos, Livio"), 2020,
        "Robust testing in generalized linear models by sign flipping score contributions",
        "Journal of the Royal Statistical Society B", "82", "841–864",
    ),
    "hewitt2019": Reference(
        "inproceedings", ("Hewitt, John", "Liang, Percy"), 2019,
        "Designing and interpreting probes with control tasks", "Proceedings of EMNLP-IJCNLP", "", "2733–2743",
    ),
    "heyse2011": Reference(
        "incollection", ("Heyse, Joseph F.",), 2011, "A false discovery rate procedure for categorical data",
        "Recent Advances in Biostatistics", "", "43–58",
    ),
    "holm1979": Reference(
        "article", ("Holm, Sture",), 1979, "A simple sequentially rejective multiple test procedure",
        "Scandinavian Journal of Statistics", "6", "65–70",
    ),
    "hubert1985": Reference(
        "article", ("Hubert, Lawrence", "Arabie, Phipps"), 1985, "Comparing partitions", "Journal of Classification",
        "2", "193–218",
    ),
    "kass1995": Reference(
        "article", ("Kass, Robert E.", "Wasserman, Larry"), 1995,
        "A reference Bayesian test for nested hypotheses and its relationship to the Schwarz criterion",
        "Journal of the American Statistical Association", "90", "928–934",
    ),
    "kuhn1955": Reference(
        "article", ("Kuhn, Harold W.",), 1955, "The Hungarian method for the assignment problem",
        "Naval Research Logistics Quarterly", "2", "83–97",
    ),
    "lin1991": Reference(
        "article", ("Lin, Jianhua",), 1991, "Divergence measures based on the Shannon entropy",
        "IEEE Transactions on Information Theory", "37", "145–151",
    ),
    "mantel1959": Reference(
        "article", ("Mantel, Nathan", "Haenszel, William"), 1959,
        "Statistical aspects of the analysis of data from retrospective studies of disease",
        "Journal of the National Cancer Institute", "22", "719–748",
    ),
    "marks2024": Reference(
        "misc", ("Marks, Samuel", "Tegmark, Max"), 2024,
        "The geometry of truth: emergent linear structure in large language model representations of true/false "
        "datasets", "arXiv:2310.06824",
    ),
    "mcgraw1996": Reference(
        "article", ("McGraw, Kenneth O.", "Wong, S. P."), 1996,
        "Forming inferences about some intraclass correlation coefficients", "Psychological Methods", "1", "30–46",
    ),
    "mcinnes2018": Reference(
        "misc", ("McInnes, Leland", "Healy, John", "Melville, James"), 2018,
        "UMAP: Uniform Manifold Approximation and Projection for dimension reduction", "arXiv:1802.03426",
    ),
    "mcnemar1947": Reference(
        "article", ("McNemar, Quinn",), 1947,
        "Note on the sampling error of the difference between correlated proportions or percentages",
        "Psychometrika", "12", "153–157",
    ),
    "monroe2008": Reference(
        "article", ("Monroe, Burt L.", "Colaresi, Michael P.", "Quinn, Kevin M."), 2008,
        "Fightin' Words: lexical feature selection and evaluation for identifying the content of political conflict",
        "Political Analysis", "16", "372–403",
    ),
    "nadeau2003": Reference(
        "article", ("Nadeau, Claude", "Bengio, Yoshua"), 2003, "Inference for the generalization error",
        "Machine Learning", "52", "239–281",
    ),
    "phipson2010": Reference(
        "article", ("Phipson, Belinda", "Smyth, Gordon K."), 2010,
        "Permutation p-values should never be zero: calculating exact p-values when permutations are randomly drawn",
        "Statistical Applications in Genetics and Molecular Biology", "9", "39",
    ),
    "rao1992": Reference(
        "article", ("Rao, J. N. K.", "Scott, A. J."), 1992, "A simple method for the analysis of clustered binary data",
        "Biometrics", "48", "577–585",
    ),
    "ravfogel2020": Reference(
        "inproceedings", ("Ravfogel, Shauli", "Elazar, Yanai", "Gonen, Hila", "Twiton, Michael", "Goldberg, Yoav"),
        2020, "Null it out: guarding protected attributes by iterative nullspace projection", "Proceedings of ACL", "",
        "7237–7256",
    ),
    "rousseeuw1987": Reference(
        "article", ("Rousseeuw, Peter J.",), 1987,
        "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis",
        "Journal of Computational and Applied Mathematics", "20", "53–65",
    ),
    "rubin1987": Reference(
        "book", ("Rubin, Donald B.",), 1987, "Multiple imputation for nonresponse in surveys", "Wiley",
    ),
    "schonemann1966": Reference(
        "article", ("Schönemann, Peter H.",), 1966, "A generalized solution of the orthogonal Procrustes problem",
        "Psychometrika", "31", "1–10",
    ),
    "sellam2022": Reference(
        "inproceedings",
        ("Sellam, Thibault", "Yadlowsky, Steve", "Wei, Jason", "Saphra, Naomi", "D'Amour, Alexander", "Linzen, Tal",
         "Bastings, Jasmijn", "Turc, Iulia", "Eisenstein, Jacob", "Das, Dipanjan", "Tenney, Ian", "Pavlick, Ellie"),
        2022, "The MultiBERTs: BERT reproductions for robustness analysis",
        "International Conference on Learning Representations",
    ),
    "steegen2016": Reference(
        "article", ("Steegen, Sara", "Tuerlinckx, Francis", "Gelman, Andrew", "Vanpaemel, Wolf"), 2016,
        "Increasing transparency through a multiverse analysis", "Perspectives on Psychological Science", "11",
        "702–712",
    ),
    "sun2024": Reference(
        "misc", ("Sun, Mingjie", "Chen, Xinlei", "Kolter, J. Zico", "Liu, Zhuang"), 2024,
        "Massive activations in large language models", "arXiv:2402.17762",
    ),
    "tarone1990": Reference(
        "article", ("Tarone, R. E.",), 1990, "A modified Bonferroni method for discrete data", "Biometrics", "46",
        "515–522",
    ),
    "turner2023": Reference(
        "misc", ("Turner, Alexander Matt", "Thiergart, Lisa", "Leech, Gavin", "Udell, David", "Vazquez, Juan J.",
                 "Mini, Ulisse", "MacDiarmid, Monte"), 2023,
        "Activation addition: steering language models without optimization", "arXiv:2308.10248",
    ),
    "vinh2010": Reference(
        "article", ("Vinh, Nguyen Xuan", "Epps, Julien", "Bailey, James"), 2010,
        "Information theoretic measures for clusterings comparison: variants, properties, normalization and correction "
        "for chance", "Journal of Machine Learning Research", "11", "2837–2854",
    ),
    "westfall1993": Reference(
        "book", ("Westfall, Peter H.", "Young, S. Stanley"), 1993,
        "Resampling-based multiple testing: examples and methods for p-value adjustment", "Wiley",
    ),
    "winkler2014": Reference(
        "article",
        ("Winkler, Anderson M.", "Ridgway, Gerard R.", "Webster, Matthew A.", "Smith, Stephen M.",
         "Nichols, Thomas E."),
        2014, "Permutation inference for the general linear model", "NeuroImage", "92", "381–397",
    ),
    "woolf1955": Reference(
        "article", ("Woolf, Barnet",), 1955, "On estimating the relation between blood group and disease",
        "Annals of Human Genetics", "19", "251–253",
    ),
    "zalesky2010": Reference(
        "article", ("Zalesky, Andrew", "Fornito, Alex", "Bullmore, Edward T."), 2010,
        "Network-based statistic: identifying differences in brain networks", "NeuroImage", "53", "1197–1207",
    ),
}  # fmt: skip
