using System.Text.Json;

namespace Payments.Sandbox.Stripe.Pages;

/// <summary>The countries of the form, by their English names (countries.json, after ISO 3166 and CLDR).</summary>
internal static class Countries
{
    private static readonly Lazy<IReadOnlyList<Country>> Loaded = new(static () =>
        [.. JsonSerializer.Deserialize<Dictionary<string, string>>(PageAssets.Text("countries.json"))!.Select(c => new Country(c.Key, c.Value))]);

    public static IReadOnlyList<Country> All => Loaded.Value;

    /// <summary>Where the card networks check it, and the page therefore asks for it.</summary>
    public static bool AsksPostalCode(string country) => country is "US" or "GB" or "CA";

    internal sealed record Country(string Code, string Name);
}
