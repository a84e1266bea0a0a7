"""The JSONata engines, behind one seam: `seam` says what one is, `choice` which one is used."""
