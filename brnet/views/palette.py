"""The colours of every figure: Okabe and Ito's set, told apart by people with any colour vision.

Okabe M., Ito K., "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/.
"""

BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
SKY = "#56B4E9"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
YELLOW = "#F0E442"
BLACK = "#000000"
GREY = "#999999"

# In the order in which several lines of one figure take them; black and yellow vanish on one ground each.
SEQUENCE = (BLUE, ORANGE, GREEN, PURPLE, VERMILLION, SKY, GREY)
TRANSPARENT = "rgba(0,0,0,0)"
FAINT = "rgba(136,136,136,0.22)"
