// How a frame of the sandbox pays: the one call that a publishable key may make with an intent's client secret.

/** `{a: {b: 1}}` as `a[b]=1`, the way Stripe's API reads forms. */
function encode(data, prefix = "", form = new URLSearchParams()) {
  for (const [name, value] of Object.entries(data)) {
    const key = prefix ? `${prefix}[${name}]` : name;
    if (value === undefined || value === null) continue;
    if (typeof value === "object") encode(value, key, form);
    else form.append(key, String(value));
  }
  return form;
}

/** Confirm with this method (`{type, card?}`): `{paymentIntent}` or `{error}`. */
export async function confirm({ intent, key, clientSecret, params, useSdk }, method) {
  const body = encode({
    client_secret: clientSecret,
    return_url: params.return_url,
    receipt_email: params.receipt_email,
    shipping: params.shipping,
    use_stripe_sdk: useSdk,
    payment_method_data: { billing_details: params.payment_method_data?.billing_details, ...method },
  });
  try {
    const response = await fetch(`/v1/payment_intents/${encodeURIComponent(intent)}/confirm`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}` },
      body,
    });
    const answer = await response.json();
    return response.ok ? { paymentIntent: answer } : { error: answer.error };
  } catch {
    return {
      error: {
        type: "api_connection_error",
        message: "An error occurred with our connection to the payment service. Check your connection and try again.",
      },
    };
  }
}
