"""The GraphQL documents we send to Shopify."""

NEEDED = frozenset({"read_orders", "read_discounts", "write_discounts"})
SCOPES = "query { currentAppInstallation { accessScopes { handle } } }"
ERRORS = "userErrors { field code message }"
DEACTIVATE = f"""mutation ($id: ID!) {{
  discountCodeDeactivate(id: $id) {{ codeDiscountNode {{ id }} {ERRORS} }}
}}"""
ACTIVATE = f"""mutation ($id: ID!) {{
  discountCodeActivate(id: $id) {{ codeDiscountNode {{ id }} {ERRORS} }}
}}"""
BY_CODE = """query ($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    id codeDiscount { ... on DiscountCodeBasic { title status } }
  }
}"""
SUBSCRIBE = """mutation ($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) {
    webhookSubscription { id } userErrors { field message }
  }
}"""
TOPICS = ("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_CANCELLED", "REFUNDS_CREATE")
MONEY = "{ shopMoney { amount currencyCode } }"
ORDERS = f"""query ($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      legacyResourceId name test email createdAt processedAt updatedAt cancelledAt
      displayFinancialStatus taxesIncluded currencyCode discountCodes
      customAttributes {{ key value }}
      customerJourneySummary {{ lastVisit {{ landingPage }} }}
      customer {{ legacyResourceId }}
      totalPriceSet {MONEY} totalTaxSet {MONEY} totalDiscountsSet {MONEY}
      totalShippingPriceSet {MONEY}
      shippingLines(first: 20) {{ nodes {{ taxLines {{ priceSet {MONEY} }} }} }}
      lineItems(first: 100) {{
        nodes {{
          id name quantity sku isGiftCard product {{ legacyResourceId }}
          originalUnitPriceSet {MONEY}
          discountAllocations {{ allocatedAmountSet {MONEY} }}
          taxLines {{ priceSet {MONEY} }}
        }}
      }}
      refunds(first: 50) {{
        legacyResourceId createdAt
        refundLineItems(first: 100) {{
          nodes {{ quantity subtotalSet {MONEY} totalTaxSet {MONEY} lineItem {{ id isGiftCard }} }}
        }}
        refundShippingLines(first: 20) {{ nodes {{ subtotalAmountSet {MONEY} }} }}
        orderAdjustments(first: 20) {{ nodes {{ amountSet {MONEY} taxAmountSet {MONEY} reason }} }}
        transactions(first: 20) {{ nodes {{ kind status amountSet {MONEY} }} }}
      }}
    }}
  }}
}}"""


VARIABLES = "$title: String!, $code: String!, $starts: DateTime!, $ends: DateTime, $limit: Int"


def creation(fraction: str) -> str:
    """The mutation that makes a code. `fraction` ("0.1500") is written out: a share is a Float to
    Shopify, and none to us."""
    return f"""mutation ({VARIABLES}) {{
  discountCodeBasicCreate(basicCodeDiscount: {_discount(fraction)}) {{
    codeDiscountNode {{ id }} {ERRORS}
  }}
}}"""


def renewal(fraction: str) -> str:
    """The mutation that brings a code of ours up to date."""
    return f"""mutation ($id: ID!, {VARIABLES}) {{
  discountCodeBasicUpdate(id: $id, basicCodeDiscount: {_discount(fraction)}) {{
    codeDiscountNode {{ id }} {ERRORS}
  }}
}}"""


def _discount(fraction: str) -> str:
    return f"""{{
    title: $title, code: $code, startsAt: $starts, endsAt: $ends, usageLimit: $limit,
    appliesOncePerCustomer: false, context: {{ all: ALL }},
    customerGets: {{ value: {{ percentage: {fraction} }}, items: {{ all: true }} }}
  }}"""
