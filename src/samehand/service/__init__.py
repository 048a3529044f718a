"""The HTTP decision API: who may ask, and what is answered.

In: requests over HTTP with an API key. Out: decisions of the rooms above, as JSON that `/openapi.json` describes.
"""

from samehand.service.app import create_app
from samehand.service.keys import SCOPES_OF_KEYS, ApiKey, KeyRing, list_api_keys, make_api_key, revoke_api_key

__all__ = ["SCOPES_OF_KEYS", "ApiKey", "KeyRing", "create_app", "list_api_keys", "make_api_key", "revoke_api_key"]
