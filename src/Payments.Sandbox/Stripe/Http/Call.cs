using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>One API call, its parameters checked and typed.</summary>
internal sealed record Call(Work Work, string Id, JsonObject Parameters, string Path)
{
    /// <summary>The request named its version: then the rules that newer versions brought hold. Stripe's CLI names none.</summary>
    public bool IsVersioned { get; init; }
}

internal delegate JsonNode Handler(Call call);
