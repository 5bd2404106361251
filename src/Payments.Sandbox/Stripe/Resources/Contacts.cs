using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>Addresses and the hashes around them, with every field Stripe shows.</summary>
internal static class Contacts
{
    private static readonly string[] AddressFields = ["city", "country", "line1", "line2", "postal_code", "state"];

    public static JsonObject Address(JsonNode? address)
    {
        var shown = new JsonObject();
        foreach (var field in AddressFields)
        {
            shown[field] = address.Text(field);
        }

        return shown;
    }

    public static JsonObject BillingDetails(JsonNode? given) => new()
    {
        ["address"] = Address(given?["address"]),
        ["email"] = given.Text("email"),
        ["name"] = given.Text("name"),
        ["phone"] = given.Text("phone"),
        ["tax_id"] = given.Text("tax_id"),
    };

    public static JsonObject? Shipping(JsonObject? given) => given is null ? null : new()
    {
        ["address"] = Address(given["address"]),
        ["carrier"] = given.Text("carrier"),
        ["name"] = given.Text("name"),
        ["phone"] = given.Text("phone"),
        ["tracking_number"] = given.Text("tracking_number"),
    };
}
