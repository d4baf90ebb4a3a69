Feature: A medium that a user does not want is not had in sessions with the user

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-03.messages @SHALL @participating-function
  Scenario: Bob wants no messages in sessions, and Eve has nothing against them
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob refuses messages in sessions
    And the session "Lunch" of Alice with Eve
    And the session "Dinner" of Alice with Bob
    When Alice calls Eve for "Lunch"
    And Alice calls Bob for "Dinner"
    And Alice says "You do not mind" in "Lunch"
    Then "Lunch" stands with Eve's tablet
    And "You do not mind" arrives unchanged in "Lunch" of Eve
    And "Dinner" of Bob has no messages, and whatever else it has works

  @PF-SES-03 @PF-PRF-01 @TP-PF-SES-03-03.beside-messages @SHALL @participating-function @continuous_media=true
  Scenario Outline: Bob wants no <medium> beside messages, and Eve has nothing against it
    Given Bob, a served user, is online with a phone
    And Eve, a served user, is online with a tablet
    And Bob refuses <medium> in sessions
    And the session "Lunch" of Alice with Eve
    And the session "Dinner" of Alice with Bob
    And Alice offers sound and video besides
    And Bob's phone takes whatever is offered besides
    And Eve's tablet takes whatever is offered besides
    When Alice calls Eve for "Lunch"
    And Alice calls Bob for "Dinner"
    Then "Lunch" of Eve has <medium>
    And "Dinner" of Bob has no <medium>, and whatever else it has works

    Examples:
      | medium |
      | sound  |
      | video  |
