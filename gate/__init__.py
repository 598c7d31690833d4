"""Who comes in: the rule of admission, scans and their merge, phones, lists on paper, and the crowd."""
