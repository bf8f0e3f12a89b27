//! What the directory asks of a store: traits, pages, filters, and the contract suite that every engine passes.
