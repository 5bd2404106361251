using Payments.Sandbox.Stripe.Http;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Texts that Stripe looks at more closely than at others.</summary>
internal static class Formats
{
    public static void CheckEmail(string? email, string param)
    {
        if (email is null)
        {
            return;
        }

        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (at < 1 || at != email.LastIndexOf('@') || at == email.Length - 1 || email.Any(char.IsWhiteSpace) || email.Length > 512)
        {
            throw StripeException.Invalid($"Invalid email address: {email}", param, "email_invalid");
        }
    }

    public static void CheckUrl(string? url, string param)
    {
        if (url is null)
        {
            return;
        }

        // The template in braces is Stripe's own and no part of a URL.
        var plain = url.Replace("{CHECKOUT_SESSION_ID}", "cs", StringComparison.Ordinal);
        if (!Uri.TryCreate(plain, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || plain.Contains(' ', StringComparison.Ordinal))
        {
            throw StripeException.Invalid("Not a valid URL", param, "url_invalid");
        }
    }
}
