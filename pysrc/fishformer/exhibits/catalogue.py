"""Which exhibits there are."""

# In the order of the page. A module is loaded when its exhibit is first needed.
EXHIBITS = {
    "e01": "e01_live.LiveTraining",
    "e02": "e02_static.StaticVectors",
    "e03": "e03_context.ContextSplits",
    "e04": "e04_ghost.Ghost",
    "e05": "e05_race.Race",
    "e06": "e06_dot.DotProduct",
    "e07": "e07_dictionary.SoftDictionary",
    "e08": "e08_dinner.DinnerParty",
    "e09": "e09_helmet.Helmet",
    "e10": "e10_matrix.AttentionMatrix",
    "e11": "e11_it.WhatIsIt",
    "e12": "e12_heads.Heads",
    "e13": "e13_shuffle.Shuffle",
    "e14": "e14_norm.AddAndNormalise",
    "e15": "e15_parameters.Parameters",
    "e16": "e16_block.BlockDrawn",
    "e17": "e17_geometry.Geometry",
    "e18": "e18_readers.ReaderOrWriter",
    "e19": "e19_translate.Translate",
    "e20": "e20_tasks.TextToText",
    "e21": "e21_cost.Cost",
    "e23": "e23_number.AnyNumber",
    "setup": "setup.Setup",
    "e24": "e24_errata.Errata",
}
