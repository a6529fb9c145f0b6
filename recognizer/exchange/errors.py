class ExchangeError(ValueError):
    """Why a file of drawings or labels cannot be used, as a sentence."""
