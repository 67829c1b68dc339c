"""The tables of revision 0003, by what they are for."""
