namespace Payments.Api.Edge.Documents;

/// <summary>A value that is read as minor units alone or as an amount with its currency; its converter reads both, and the API document says so.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class MinorOrMoneyAttribute : Attribute;
