//! The banned phrases. Variants are separated by " / ".

pub(crate) struct Phrase {
    pub(crate) banned: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) instead: &'static str,
    /// Phrases that hold a banned one and are good English.
    pub(crate) allowed: &'static [&'static str],
}

const PEOPLE: &str = "programs are not people";
const IDIOM: &str = "readers stumble over the idiom";

const fn phrase(banned: &'static str, reason: &'static str, instead: &'static str) -> Phrase {
    Phrase { banned, reason, instead, allowed: &[] }
}

pub(crate) const PHRASES: &[Phrase] = &[
    Phrase {
        banned: "is no / are no / was no / were no / be no / been no / as no",
        reason: "a negated noun reads like a slip",
        instead: "\"is not a\" or \"is not\"",
        allowed: &[
            "there is no",
            "there are no",
            "there was no",
            "there were no",
            "there be no",
            "there can be no",
            "there may be no",
            "there must be no",
            "there should be no",
            "there will be no",
            "is no longer",
            "are no longer",
            "was no longer",
            "were no longer",
            "be no longer",
            "is no more than",
            "be no more than",
        ],
    },
    phrase(
        "call off / calls off / called off / calling off / call it off / calls it off / called it off",
        IDIOM,
        "\"cancel\"",
    ),
    phrase(
        "give up / gives up / gave up / given up / giving up / give it up / gives it up",
        IDIOM,
        "\"fail\", \"stop\" or \"abandon\"",
    ),
    phrase("go on / goes on / went on / gone on / going on", IDIOM, "\"continue\""),
    Phrase {
        banned: "tell / tells / told / telling / untold",
        reason: PEOPLE,
        instead: "\"notify\", \"report\", \"return\", \"show\" or \"distinguish\"",
        // What people say to a model, or to each other.
        allowed: &["tell me", "tell the operator"],
    },
    phrase("hear / hears / heard / hearing", PEOPLE, "\"receive\""),
    phrase("patience", PEOPLE, "\"timeout\", \"limit\" or \"retry\""),
    phrase("wish / wishes / wished", PEOPLE, "\"request\" or \"setting\""),
    phrase("obey / obeys / obeyed", PEOPLE, "\"handle\" or \"follow\""),
    phrase("go home / goes home / went home / gone home", PEOPLE, "what moves, and where to"),
    phrase("road / roads", "transports and code paths have names", "\"over WebSocket\" or the path's name"),
    phrase("at the door", "the picture does not say who refuses", "\"by authentication\" or the component's name"),
    phrase("none of a / none of an", IDIOM, "\"without a\" or \"no ... of a\""),
    phrase("and a while", "it does not say what the function returns", "\"plus `duration`\""),
    phrase("who comes with / whoever comes with", "name the actor", "\"a token with ... authenticates as\""),
    phrase("whoever", "name the actor", "\"the caller that\", \"a role that\""),
    phrase("be had", IDIOM, "\"cannot be read\" or \"cannot be fetched\""),
    phrase("does so no more / do so no more / no more of", IDIOM, "\"no longer\""),
];
