using System.Security.Cryptography;

namespace Payments.Sandbox.Stripe.State;

/// <summary>Ids that look like Stripe's.</summary>
internal static class Ids
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <param name="prefix">With its underscore: "cus_".</param>
    public static string New(string prefix) => prefix + Random(prefix is "cus_" or "prod_" ? 14 : 24);

    public static string CheckoutSession() => "cs_test_a1" + Random(58);

    public static string ClientSecret(string id) => $"{id}_secret_{Random(25)}";

    public static string Random(int length) => RandomNumberGenerator.GetString(Alphabet, length);
}
