// What the search of the site ranks, in place of Sphinx's own numbers, which make all pages alike.
var Scorer = {
  // Whoever searches wants to do something: pages of tasks first, the reasons behind the code and its history last.
  score: ([docname, , , , score]) => {
    if (docname.startsWith("docs/decisions/") || docname === "CHANGELOG") return score - 20;
    if (docname === "README" || docname.startsWith("docs/how-to/")) return score + 3;
    return score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
