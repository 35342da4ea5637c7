"""From definitions to a resolved graph: edges, kinds, schemas, order, and all that is wrong with it."""
