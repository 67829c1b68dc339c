"""Price monitoring: series of prices, what moves in them out of the usual, alerts and what is decided on them."""
