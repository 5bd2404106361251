namespace Payments.Sandbox.Stripe.Pages;

/// <summary>The page's help: what a person tries first. Stripe's list has more (docs.stripe.com/testing).</summary>
internal static class TestCards
{
    private static readonly (string Title, string Method, (string Number, string Effect)[] Cards)[] Groups =
    [
        ("Succeeds", "card",
        [
            ("4242 4242 4242 4242", "Visa"),
            ("5555 5555 5555 4444", "Mastercard"),
            ("3782 822463 10005", "American Express"),
        ]),
        ("3-D Secure", "card",
        [
            ("4000 0027 6000 3184", "Always asks for authentication"),
            ("4000 0082 6000 3178", "Authenticates, then has insufficient funds"),
        ]),
        ("Declined", "card",
        [
            ("4000 0000 0000 0002", "Generic decline"),
            ("4000 0000 0000 9995", "Insufficient funds"),
            ("4000 0000 0000 0069", "Expired card"),
            ("4000 0000 0000 0127", "Incorrect security code"),
            ("4000 0000 0000 0119", "Processing error"),
        ]),
        ("Paid, then trouble", "card",
        [
            ("4000 0000 0000 0259", "Disputed as fraudulent"),
            ("4000 0000 0000 5126", "Refund fails later"),
        ]),
        ("SEPA debit", "sepa_debit",
        [
            ("AT61 1904 3002 3457 3201", "Succeeds"),
            ("AT32 1904 3002 3547 3204", "Succeeds after 3 minutes"),
            ("AT86 1904 3002 3547 3202", "Fails"),
        ]),
        ("US bank account", "us_bank_account",
        [
            ("000123456789", "Succeeds"),
            ("000222222227", "Insufficient funds"),
            ("000111111113", "Account closed"),
        ]),
    ];

    public static IEnumerable<PageModel> For(IReadOnlyCollection<string> methods) => Groups
        .Where(g => methods.Contains(g.Method, StringComparer.Ordinal))
        .Select(g => new PageModel
        {
            ["help_title"] = g.Title,
            ["cards"] = (List<PageModel>)[.. g.Cards.Select(c => new PageModel
            {
                ["method"] = g.Method,
                ["number"] = c.Number,
                ["shown"] = c.Number,
                ["effect"] = c.Effect,
                ["cvc"] = c.Number.StartsWith("37", StringComparison.Ordinal) ? "1234" : "123",
                ["routing"] = g.Method is "us_bank_account" ? "110000000" : null,
            })],
        });
}
