"""From numbers to blocks of the document: seller, ranges, buyer, direction."""
